"""FAQ files become passages that know where they stand in them."""
