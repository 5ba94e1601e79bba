SELECT jsonb_build_object(
    '_id', d.device_id, 'device_id', d.device_id, 'site', d.site, 'model', d.model, 'warn_above', d.warn_above,
    'reported', (SELECT count(*) FROM readings r WHERE r.device_id = d.device_id),
    'warning', coalesce((SELECT max(temperature) FROM readings r WHERE r.device_id = d.device_id) > d.warn_above, false),
    'readings', coalesce((
        SELECT jsonb_agg(jsonb_build_object('at', at, 'temperature', temperature, 'low', battery < 20) ORDER BY at DESC)
        FROM (SELECT * FROM readings r WHERE r.device_id = d.device_id ORDER BY at DESC LIMIT 3) r), '[]'))
FROM devices d
