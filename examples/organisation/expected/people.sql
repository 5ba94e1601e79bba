SELECT jsonb_build_object(
    '_id', p.person_id, 'name', p.name, 'unit', u.name, 'above', v.name,
    'boss', CASE WHEN a.person_id IS NOT NULL THEN jsonb_build_object('person_id', a.person_id, 'name', a.name,
        'boss', CASE WHEN b.person_id IS NOT NULL THEN jsonb_build_object('person_id', b.person_id, 'name', b.name,
            'boss', CASE WHEN c.person_id IS NOT NULL THEN jsonb_build_object('person_id', c.person_id, 'name', c.name)
                    END) END) END,
    'reports', r.reports, 'direct', r.count)
FROM people p
LEFT JOIN units u ON u.unit_id = p.unit_id
LEFT JOIN units v ON v.unit_id = u.parent_id
LEFT JOIN people a ON a.person_id = p.boss_id
LEFT JOIN people b ON b.person_id = a.boss_id
LEFT JOIN people c ON c.person_id = b.boss_id
CROSS JOIN LATERAL (
    SELECT count(*), coalesce(jsonb_agg(jsonb_build_object('person_id', q.person_id, 'name', q.name)
                                        ORDER BY q.name COLLATE "C", q.person_id), '[]') AS reports
    FROM people q WHERE q.boss_id = p.person_id) r
