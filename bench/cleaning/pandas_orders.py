"""The orders cleaned with pandas: the same work as the engine's, without raw records. Arguments: table, folder."""
import json
import resource
import sys
import time
from pathlib import Path

import pandas as pd

begun = time.perf_counter()
path, folder = sys.argv[1], Path(sys.argv[2])
for name in ["train", "validation", "test", "parquet"]:
    (folder / name).mkdir(parents=True)

COUNTRIES = {"United States": ["us", "usa", "u.s."], "Germany": ["de", "deutschland"], "Canada": ["ca"], "Mexico": ["mx"]}
CHANNELS = {"web": ["www"], "shop": ["store"], "phone": ["call"]}
NUMBERS = ["quantity", "price", "discount", "weight", "distance", "rating", "delay", "returned"]


def spellings(names):
    return {spelling: name for name, others in names.items() for spelling in [name.lower(), *others]}


raw = pd.read_csv(path, dtype={"country": "string", "channel": "string", "price": "string"}, parse_dates=["ordered_on"])
price = pd.to_numeric(raw["price"], errors="coerce")
bad_price = price.isna()
bad_quantity = ~raw["quantity"].between(1, 100)
aside = raw[bad_price | bad_quantity]
pd.DataFrame(
    {
        "line": aside.index + 2,
        "column": bad_quantity[aside.index].map({True: "quantity", False: "price"}),
        "value": aside["price"].where(~bad_quantity[aside.index], aside["quantity"].astype(str)),
    }
).to_json(folder / "quarantine.jsonl", orient="records", lines=True)
raw["price"] = price
raw = raw[~(bad_price | bad_quantity)]
for column, names in [("country", COUNTRIES), ("channel", CHANNELS)]:
    cells = raw[column].str.strip()
    raw[column] = cells.str.lower().map(spellings(names)).fillna(cells)
raw["discount"] = raw["discount"].fillna(0)
orders = raw.drop_duplicates()
orders = orders.assign(revenue=orders["price"] * orders["quantity"] * (1 - orders["discount"]))
place = pd.util.hash_pandas_object(orders.drop(columns=["returned", "revenue"]), index=False) / 2**64
sides = {"test": place < 0.15, "validation": (place >= 0.15) & (place < 0.25), "train": place >= 0.25}

for side, chosen in sides.items():
    part = orders[chosen]
    part.to_parquet(folder / "parquet" / f"{side}.parquet", index=False)
    features = pd.DataFrame({f"country={name}": (part["country"] == name).astype("int8") for name in COUNTRIES})
    features["channel"] = part["channel"].map({name: at for at, name in enumerate(CHANNELS)})
    features["month"] = part["ordered_on"].dt.month
    features["weekday"] = part["ordered_on"].dt.dayofweek + 1
    for column in ["quantity", "price", "discount", "weight", "distance", "rating", "delay", "revenue"]:
        features[column] = part[column]
    if side == "test":
        features.to_csv(folder / "test" / "features.csv", index=False, header=False)
        part["returned"].to_csv(folder / "test" / "labels.csv", index=False, header=False)
    else:
        features.insert(0, "returned", part["returned"])
        features.to_csv(folder / side / "data.csv", index=False, header=False)

train = orders[sides["train"]]
numbers = train[["order_id", *NUMBERS, "revenue"]].assign(ordered_on=train["ordered_on"].astype("int64"))
numbers.describe()
numbers.nunique()
numbers.quantile([at / 64 for at in range(1, 64)], interpolation="lower")
for column in numbers:
    pd.cut(numbers[column], 10).value_counts()
numbers.corr()
for column in ["country", "channel"]:
    train[column].value_counts().head(50)

used = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "cpuS": used.ru_utime + used.ru_stime,
            "wallS": time.perf_counter() - begun,
            "peakMib": used.ru_maxrss / 1024,
        }
    )
)
