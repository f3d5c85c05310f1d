"""The size advice as JSON: the same views, pool and queries as the web page, without the page."""
