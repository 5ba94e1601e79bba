SELECT jsonb_build_object(
    '_id', product_id, 'sold', sum(quantity), 'orders', count(DISTINCT order_id),
    'revenue', sum(quantity * unit_price * (1 - discount))::numeric(14, 2))
FROM order_lines JOIN orders USING (order_id)
WHERE status <> 'draft'
GROUP BY product_id
