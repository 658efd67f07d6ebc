"""Trains a network on a data set."""
