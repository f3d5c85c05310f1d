"""Musinsa's category codes of the first level: Otto's category -> six digits and Korean name."""

TOP_CODES = {"tops": ("001000", "상의"), "outer": ("002000", "아우터"), "bottoms": ("003000", "바지")}
