SELECT jsonb_build_object(
    '_id', w.code, 'code', w.code, 'city', w.city, 'kinds', s.kinds, 'pieces', s.pieces, 'stock', s.stock,
    'leaving', coalesce((
        SELECT jsonb_agg(jsonb_build_object('transfer_id', transfer_id, 'sku', sku, 'quantity', quantity)
                         ORDER BY transfer_id) FROM transfers WHERE source = w.code), '[]'),
    'coming', coalesce((
        SELECT jsonb_agg(jsonb_build_object('transfer_id', transfer_id, 'sku', sku, 'quantity', quantity)
                         ORDER BY transfer_id) FROM transfers WHERE target = w.code), '[]'))
FROM warehouses w
CROSS JOIN LATERAL (
    SELECT count(*) AS kinds, coalesce(sum(quantity), 0) AS pieces,
           coalesce(jsonb_object_agg(sku, quantity - reserved), '{}') AS stock
    FROM stock WHERE warehouse = w.code) s
