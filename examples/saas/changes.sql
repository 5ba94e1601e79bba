-- The same task number in two tenants: only one project changes.
UPDATE tasks SET state = 'done', hours = 33.75 WHERE tenant_id = 1 AND task_id = 2;

-- A task moves to another project of its tenant.
UPDATE tasks SET project_id = 1, assignee_id = 2, due = '2024-03-20' WHERE tenant_id = 1 AND task_id = 3;

-- A user is renamed: boards that show her follow, those of the other tenant do not.
UPDATE users SET name = 'Hoa Nguyễn' WHERE tenant_id = 1 AND user_id = 1;

-- Another plan: the groups of two plans change at once.
UPDATE tenants SET plan = 'business' WHERE tenant_id = 2;

-- A user comes back, with something to do.
BEGIN;
UPDATE users SET active = true WHERE tenant_id = 2 AND user_id = 2;
INSERT INTO tasks VALUES (2, 2, 1, 2, 'Translate', 'open', 8, NULL);
COMMIT;

-- A project goes with its tasks.
DELETE FROM projects WHERE tenant_id = 2 AND project_id = 1;
