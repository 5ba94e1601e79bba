-- Every table carries its tenant, and every key begins with it: a row of one tenant can never refer to another's.
CREATE TABLE tenants (tenant_id integer PRIMARY KEY, name text NOT NULL, plan text NOT NULL);
CREATE TABLE users (
    tenant_id integer REFERENCES tenants,
    user_id   integer,
    name      text NOT NULL,
    active    boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE TABLE projects (
    tenant_id  integer REFERENCES tenants,
    project_id integer,
    title      text NOT NULL,
    owner_id   integer,
    PRIMARY KEY (tenant_id, project_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users
);
CREATE TABLE tasks (
    tenant_id   integer,
    task_id     integer,
    project_id  integer NOT NULL,
    assignee_id integer,
    title       text NOT NULL,
    state       text NOT NULL DEFAULT 'open',
    hours       numeric(6, 2),
    due         date,
    PRIMARY KEY (tenant_id, task_id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, assignee_id) REFERENCES users
);

INSERT INTO tenants VALUES (1, 'Lotus', 'business'), (2, 'Bamboo', 'free');
INSERT INTO users VALUES (1, 1, 'Hoa', true), (1, 2, 'Minh', true), (2, 1, 'Tú', true), (2, 2, 'Vy', false);
INSERT INTO projects VALUES (1, 1, 'Website', 1), (1, 2, 'App', NULL), (2, 1, 'Website', 1);
INSERT INTO tasks VALUES
    (1, 1, 1, 1, 'Design', 'done', 12.50, '2024-04-01'), (1, 2, 1, 2, 'Build', 'open', 30.00, '2024-05-01'),
    (1, 3, 2, NULL, 'Plan', 'open', NULL, NULL), (2, 1, 1, 1, 'Design', 'open', 4.25, '2024-04-15');
