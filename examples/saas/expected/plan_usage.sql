SELECT jsonb_build_object('_id', jsonb_build_object('plan', plan, 'state', state), 'tasks', count(*), 'hours', sum(hours))
FROM tasks LEFT JOIN tenants USING (tenant_id) GROUP BY plan, state
