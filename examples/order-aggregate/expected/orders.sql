SELECT jsonb_build_object(
    '_id', o.order_id, 'order_id', o.order_id, 'customer', o.customer, 'placed_at', o.placed_at, 'status', o.status,
    'total', coalesce(i.total, 0)::numeric(14, 2),
    'item_count', coalesce(i.pieces, 0),
    'complete', i.lines > 0 AND s.recipient IS NOT NULL,
    'shipping', CASE WHEN s.shipping_id IS NOT NULL THEN jsonb_build_object(
        'recipient', s.recipient, 'carrier', s.carrier, 'shipped_at', s.shipped_at,
        'address', jsonb_build_object('street', s.street, 'city', s.city, 'postal_code', s.postal_code)) END,
    'items', i.items)
FROM orders o
LEFT JOIN LATERAL (SELECT * FROM shipping_details WHERE order_id = o.order_id ORDER BY shipping_id LIMIT 1) s ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, sum(quantity) AS pieces, sum(quantity * unit_price) AS total,
           coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'title', title, 'quantity', quantity,
                                                 'unit_price', unit_price, 'amount', quantity * unit_price)
                              ORDER BY line), '[]') AS items
    FROM item_details WHERE order_id = o.order_id) i
