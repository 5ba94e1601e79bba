CREATE TABLE units (
    unit_id   integer PRIMARY KEY,
    parent_id integer REFERENCES units,
    name      text NOT NULL
);
CREATE TABLE people (
    person_id integer PRIMARY KEY,
    unit_id   integer REFERENCES units,
    boss_id   integer REFERENCES people,
    name      text NOT NULL,
    salary    numeric(10, 2)
);

INSERT INTO units VALUES (1, NULL, 'Company'), (2, 1, 'Technology'), (3, 1, 'Sales'), (4, 2, 'Platform'), (5, 4, 'Storage');
INSERT INTO people VALUES
    (1, 1, NULL, 'Thảo', 9000.00), (2, 2, 1, 'Dũng', 7000.00), (3, 4, 2, 'Nga', 5000.50), (4, 5, 3, 'Sơn', 4000.00),
    (5, 3, 1, 'Yến', NULL);
