-- "Which place has this product": the product's page and the search ask it; the primary key begins with the category.
CREATE INDEX release_rank_product ON otto.release_rank (release_id, mall, product_id);
