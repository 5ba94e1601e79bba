-- A unit moves, with everything below it: the one document of the chart follows.
UPDATE units SET parent_id = 3 WHERE unit_id = 4;

-- A new unit inside the deepest one, and somebody in it.
BEGIN;
INSERT INTO units VALUES (6, 5, 'Disks');
INSERT INTO people VALUES (6, 6, 4, 'Oanh', 3500.25);
COMMIT;

-- A rename that many people's documents show.
UPDATE units SET name = 'Data' WHERE unit_id = 5;

-- Somebody else becomes the boss: chains of three people change.
UPDATE people SET boss_id = 5 WHERE person_id = 3;

-- A ring, as bad data has it: nobody's document becomes endless, as `depth` bounds it.
UPDATE people SET boss_id = 6 WHERE person_id = 1;

-- A second company.
INSERT INTO units VALUES (10, NULL, 'Subsidiary');
UPDATE people SET unit_id = 10, salary = 4500 WHERE person_id = 4;
