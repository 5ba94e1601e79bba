SELECT jsonb_build_object('_id', site, 'devices', count(DISTINCT device_id), 'coldest', min(temperature),
                          'warmest', max(temperature))
FROM readings LEFT JOIN devices USING (device_id) GROUP BY site
