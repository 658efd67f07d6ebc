"""From FMA's download or own music to a data set: one `.npz` file for each split."""
