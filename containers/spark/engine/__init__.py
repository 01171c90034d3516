"""The Spark engine: prepares what a function cannot hold. docs/data.md is what it means, as for the other engines."""
