"""The scraper's speed, manners, memory and faithfulness, against the replica malls in a real browser."""
