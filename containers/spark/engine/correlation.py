"""Pearson's r between columns of numbers, each pair over the rows where both are present."""
import math

import numpy as np


class Comoments:
    """Of each pair (i, j), over the rows where both are present: how many they are, the mean, the least and the greatest
    of column i, the sum of its squared distances from that mean, and of the products of both columns' distances. Adds
    up over blocks without losing digits where values are far from zero or from each other."""

    def __init__(self, n, mean, low, high, square, product):
        self.n, self.mean, self.low, self.high = n, mean, low, high
        self.square, self.product = square, product

    @classmethod
    def of(cls, matrix):
        """Of a matrix of rows by columns, NaN where a value is missing."""
        count = matrix.shape[1]
        parts = [np.zeros((count, count)) for _ in range(6)]
        present = ~np.isnan(matrix)
        for column in range(count):
            cls._fill(parts, column, matrix[present[:, column]])
        return cls(*parts)

    @staticmethod
    def _fill(parts, column, rows):
        """The pairs of one column, of the rows where it is present."""
        n, mean, low, high, square, product = parts
        known = ~np.isnan(rows)
        values = np.broadcast_to(rows[:, column : column + 1], rows.shape)
        n[column] = known.sum(axis=0)
        at_least_one = np.maximum(n[column], 1)
        mean[column] = np.where(known, values, 0.0).sum(axis=0) / at_least_one
        low[column] = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
        high[column] = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
        own = np.where(known, values - mean[column], 0.0)
        other_mean = np.where(known, rows, 0.0).sum(axis=0) / at_least_one
        other = np.where(known, rows - other_mean, 0.0)
        square[column] = (own * own).sum(axis=0)
        product[column] = (own * other).sum(axis=0)

    def __add__(self, other):
        n = self.n + other.n
        some = np.maximum(n, 1)
        apart = np.where((self.n > 0) & (other.n > 0), other.mean - self.mean, 0.0)
        weight = self.n * other.n / some
        mean = np.where(self.n == 0, other.mean, self.mean + apart * other.n / some)
        return Comoments(
            n,
            mean,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.square + other.square + apart * apart * weight,
            self.product + other.product + apart * apart.T * weight,
        )

    def r(self):
        """The matrix; None where one of two different columns is constant."""
        count = len(self.n)
        return [[1 if a == b else self._pearson(min(a, b), max(a, b)) for b in range(count)] for a in range(count)]

    def _pearson(self, a, b):
        if self.n[a, b] == 0 or self.low[a, b] == self.high[a, b] or self.low[b, a] == self.high[b, a]:
            return None
        r = self.product[a, b] / math.sqrt(self.square[a, b]) / math.sqrt(self.square[b, a])
        return float(max(-1.0, min(1.0, r)))
