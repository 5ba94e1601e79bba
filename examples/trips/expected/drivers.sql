SELECT jsonb_build_object(
    '_id', d.driver_id, 'driver_id', d.driver_id, 'name', d.name, 'rating', d.rating,
    'trips', coalesce((
        SELECT jsonb_object_agg(t.trip_id, jsonb_build_object('rider', t.rider, 'km', (
            SELECT sum(km) FROM trip_events WHERE trip_id = t.trip_id AND kind = 'moved')))
        FROM trips t WHERE t.driver_id = d.driver_id), '{}'))
FROM drivers d
