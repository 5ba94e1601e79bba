SELECT jsonb_build_object(
    '_id', jsonb_build_object('tenant_id', p.tenant_id, 'project_id', p.project_id),
    'tenant_id', p.tenant_id, 'project_id', p.project_id, 'title', p.title,
    'done', t.done, 'open', t.open, 'hours', t.hours, 'next_due', t.next_due, 'tasks', t.tasks,
    'owner', CASE WHEN o.user_id IS NOT NULL THEN jsonb_build_object('user_id', o.user_id, 'name', o.name) END)
FROM projects p
LEFT JOIN users o ON o.tenant_id = p.tenant_id AND o.user_id = p.owner_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state <> 'done') AS open,
           coalesce(sum(hours), 0) AS hours, min(due) FILTER (WHERE state <> 'done') AS next_due,
           coalesce(jsonb_agg(jsonb_build_object('task_id', task_id, 'title', title, 'state', state, 'due', due,
               'assignee', CASE WHEN u.user_id IS NOT NULL
                                THEN jsonb_build_object('user_id', u.user_id, 'name', u.name) END)
                    ORDER BY due, task_id), '[]') AS tasks
    FROM tasks t LEFT JOIN users u ON u.tenant_id = t.tenant_id AND u.user_id = t.assignee_id
    WHERE t.tenant_id = p.tenant_id AND t.project_id = p.project_id) t
