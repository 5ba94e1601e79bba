WITH unit AS (
    SELECT u.*, (SELECT coalesce(jsonb_agg(p.name ORDER BY p.name COLLATE "C", p.person_id), '[]') FROM people p
                 WHERE p.unit_id = u.unit_id) AS names,
           (SELECT coalesce(sum(p.salary), 0) FROM people p WHERE p.unit_id = u.unit_id) AS payroll,
           (SELECT avg(p.salary) FROM people p WHERE p.unit_id = u.unit_id) AS average
    FROM units u)
SELECT jsonb_build_object(
    '_id', a.unit_id, 'name', a.name, 'people', a.names, 'head_count', jsonb_array_length(a.names),
    'units', coalesce((SELECT jsonb_agg(jsonb_build_object(
        'unit_id', b.unit_id, 'name', b.name, 'payroll', b.payroll, 'average', b.average, 'people', b.names,
        'units', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'unit_id', c.unit_id, 'name', c.name, 'payroll', c.payroll, 'average', c.average, 'people', c.names,
            'units', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'unit_id', d.unit_id, 'name', d.name, 'payroll', d.payroll, 'average', d.average, 'people', d.names,
                'units', coalesce((SELECT jsonb_agg(jsonb_build_object(
                    'unit_id', e.unit_id, 'name', e.name, 'payroll', e.payroll, 'average', e.average, 'people', e.names)
                    ORDER BY e.name COLLATE "C", e.unit_id) FROM unit e WHERE e.parent_id = d.unit_id), '[]'))
                ORDER BY d.name COLLATE "C", d.unit_id) FROM unit d WHERE d.parent_id = c.unit_id), '[]'))
            ORDER BY c.name COLLATE "C", c.unit_id) FROM unit c WHERE c.parent_id = b.unit_id), '[]'))
        ORDER BY b.name COLLATE "C", b.unit_id) FROM unit b WHERE b.parent_id = a.unit_id), '[]'))
FROM unit a
WHERE a.parent_id IS NULL
