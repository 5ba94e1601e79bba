SELECT jsonb_build_object(
    '_id', i.sku, 'sku', i.sku, 'name', i.name, 'reorder_at', i.reorder_at, 'places', p.places,
    'available', p.available, 'on_the_way', t.quantity, 'reorder', p.available + t.quantity <= i.reorder_at)
FROM items i
CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity - reserved), 0) AS available,
           coalesce(jsonb_agg(jsonb_build_object('warehouse', warehouse, 'city', w.city, 'quantity', quantity)
                              ORDER BY quantity DESC, warehouse COLLATE "C"), '[]') AS places
    FROM stock s JOIN warehouses w ON w.code = s.warehouse WHERE s.sku = i.sku AND quantity > 0) p
CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS quantity FROM transfers t WHERE t.sku = i.sku) t
