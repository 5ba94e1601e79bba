SELECT jsonb_build_object('_id', jsonb_build_object('city', w.city, 'item', i.name),
                          'quantity', sum(quantity), 'free', sum(quantity - reserved))
FROM stock s JOIN warehouses w ON w.code = s.warehouse JOIN items i ON i.sku = s.sku
GROUP BY w.city, i.name
