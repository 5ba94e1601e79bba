SELECT jsonb_build_object(
    '_id', t.trip_id, 'rider', t.rider, 'booked_at', t.booked_at, 'km', e.km, 'picked_up_at', e.picked_up_at,
    'finished', e.finished, 'minutes', e.minutes, 'kinds', e.kinds, 'events', e.events,
    'driver', CASE WHEN d.driver_id IS NOT NULL THEN jsonb_build_object('name', d.name, 'rating', d.rating) END)
FROM trips t
LEFT JOIN drivers d USING (driver_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(km), 0) AS km, min(at) FILTER (WHERE kind = 'picked_up') AS picked_up_at,
           coalesce(bool_or(kind = 'dropped_off'), false) AS finished,
           round(extract(epoch FROM max(at)) / 60 - extract(epoch FROM min(at)) / 60, 1) AS minutes,
           array_agg(kind ORDER BY seq) AS kinds,
           coalesce(jsonb_agg(jsonb_build_object('seq', seq, 'at', at, 'kind', kind, 'app', detail ->> 'app',
                                                 'position', detail -> 'position') ORDER BY seq), '[]') AS events
    FROM trip_events WHERE trip_id = t.trip_id) e
