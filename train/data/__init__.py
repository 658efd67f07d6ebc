"""Makes a data set from FMA's download or own music: one `.npz` file for each split."""
