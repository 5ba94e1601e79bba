SELECT jsonb_build_object('_id', date_trunc('day', at AT TIME ZONE 'UTC')::date, 'km', sum(km),
                          'trips', count(DISTINCT trip_id), 'last', max(at))
FROM trip_events WHERE kind = 'moved'
GROUP BY date_trunc('day', at AT TIME ZONE 'UTC')::date
