SELECT jsonb_build_object(
    '_id', c.customer_id, 'name', initcap(c.name), 'email', lower(c.email),
    'orders_placed', (SELECT count(*) FROM orders WHERE customer_id = c.customer_id AND status <> 'draft'),
    'latest', coalesce((
        SELECT jsonb_agg(jsonb_build_object('order_id', order_id, 'status', status, 'placed_at', placed_at)
                         ORDER BY placed_at DESC, order_id)
        FROM (SELECT * FROM orders WHERE customer_id = c.customer_id AND status <> 'draft'
              ORDER BY placed_at DESC, order_id LIMIT 2) latest), '[]'))
FROM customers c
