SELECT jsonb_build_object(
    '_id', jsonb_build_object('tenant_id', u.tenant_id, 'user_id', u.user_id),
    'tenant_id', u.tenant_id, 'user_id', u.user_id, 'name', u.name, 'active', u.active,
    'todo', coalesce((
        SELECT jsonb_agg(jsonb_build_object('task_id', t.task_id, 'title', t.title, 'due', t.due, 'project', p.title)
                         ORDER BY t.due, t.tenant_id, t.task_id)
        FROM tasks t JOIN projects p USING (tenant_id, project_id)
        WHERE t.tenant_id = u.tenant_id AND t.assignee_id = u.user_id AND t.state = 'open'), '[]'))
FROM users u WHERE u.active
