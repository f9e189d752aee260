"""Real images and translations, wherever they lie."""
