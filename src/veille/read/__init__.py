"""Documents into values: feeds and subscription lists."""
