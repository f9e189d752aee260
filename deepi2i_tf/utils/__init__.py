"""What every floor uses: errors, atomic files, image grids, formats."""
