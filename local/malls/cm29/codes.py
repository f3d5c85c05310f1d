"""29CM's category codes of the first two levels, as the real mall numbers them. The large one tells for whom it is."""

LARGE = {"268100100": "여성의류", "272100100": "남성의류"}
# middle code -> Otto's category, Korean name
MIDDLE = {
    "268103100": ("tops", "상의"),
    "268105100": ("tops", "니트웨어"),
    "268106100": ("bottoms", "바지"),
    "268102100": ("outer", "아우터"),
    "268104100": ("dress", "원피스"),
    "268107100": ("skirt", "스커트"),
    "272103100": ("tops", "상의"),
    "272104100": ("bottoms", "하의"),
}
# The rankings that the malls file names: a replica of three products has one in each.
RANKED = ("268103100", "272104100", "268104100")


def large(code: str) -> str:
    """The large category of any code."""
    return f"{code[:3]}100100"


def middle(code: str) -> str:
    """The middle category of a small or middle code."""
    return f"{code[:6]}100"
