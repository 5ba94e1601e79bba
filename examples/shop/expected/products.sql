SELECT jsonb_build_object(
    '_id', p.product_id, 'product_id', p.product_id, 'category_id', p.category_id, 'name', p.name,
    'description', p.description, 'price', p.price, 'category', c.name,
    'times_ordered', (SELECT count(*) FROM order_lines l WHERE l.product_id = p.product_id),
    'lowest_price', (SELECT min(unit_price) FROM order_lines l WHERE l.product_id = p.product_id))
FROM products p LEFT JOIN categories c USING (category_id)
