SELECT jsonb_build_object('_id', tenant_id, 'tasks', count(*), 'projects', count(DISTINCT project_id),
                          'hours', coalesce(sum(hours), 0), 'all_done', bool_and(state = 'done'))
FROM tasks GROUP BY tenant_id
