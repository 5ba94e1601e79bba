SELECT jsonb_build_object(
    '_id', o.order_id, 'order_id', o.order_id, 'status', o.status, 'placed_at', o.placed_at,
    'placed_on', to_char(o.placed_at, 'YYYY-MM-DD'), 'total', l.total, 'line_count', l.count, 'lines', l.lines,
    'customer', jsonb_build_object('name', initcap(c.name), 'email', lower(c.email)))
FROM orders o
JOIN customers c USING (customer_id)
CROSS JOIN LATERAL (
    SELECT count(*), sum(quantity * unit_price * (1 - discount))::numeric(12, 2) AS total,
           coalesce(jsonb_agg(jsonb_build_object('line', line, 'quantity', quantity, 'unit_price', unit_price,
                       'product', jsonb_build_object('name', p.name, 'price', p.price)) ORDER BY line), '[]') AS lines
    FROM order_lines JOIN products p USING (product_id) WHERE order_id = o.order_id) l
WHERE o.status <> 'draft'
