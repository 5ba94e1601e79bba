SELECT jsonb_build_object(
    '_id', device_id, 'first_seen', min(at), 'last_seen', max(at), 'warmest', max(temperature), 'readings', count(*),
    'temperature', (array_agg(temperature ORDER BY at DESC) FILTER (WHERE temperature IS NOT NULL))[1],
    'first_temperature', (array_agg(temperature ORDER BY at) FILTER (WHERE temperature IS NOT NULL))[1],
    'battery', (array_agg(battery ORDER BY at DESC))[1])
FROM readings GROUP BY device_id
