"""The page: static files that run our models in a browser, and the small server that brings them there."""
