"""What the pages ask of the index. Functions take an `Index` first and return frozen values or DataFrames."""
