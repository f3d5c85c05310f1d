"""Where the picture host keeps a product's picture."""

from local.malls.goods import Product


def picture_path(product: Product) -> str:
    """The path, as the mall's JSON gives it: without the host."""
    return f"/item/{product.category or 'other'}/{product.product_id}.svg"
