-- "Other garments of this brand" on the page of a product without evidence; publishing makes each partition's own index
-- before it is attached.
CREATE INDEX release_product_brand ON otto.release_product (release_id, mall, brand);
