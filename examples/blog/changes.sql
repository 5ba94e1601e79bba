-- The title changes and the long body does not: PostgreSQL does not send it, the document keeps it.
UPDATE posts SET title = 'Change data capture in one process' WHERE id = 1;

-- A reply three levels down, one more below it that the definition does not reach, and a new thread.
INSERT INTO comments VALUES (6, 1, 3, 'Mai', 'Soon.'), (7, 1, NULL, 'Ba', 'Second try'), (8, 1, 6, 'Ân', 'Too deep to see');

-- Tags: a new one, one taken off, one renamed in all posts that have it.
BEGIN;
INSERT INTO tags VALUES (4, 'c++');
INSERT INTO post_tags VALUES (2, 4), (2, 3);
DELETE FROM post_tags WHERE post_id = 1 AND tag_id = 1;
UPDATE tags SET name = 'change data capture' WHERE id = 3;
COMMIT;

-- Published: the document appears with what is already there.
UPDATE posts SET published = '2024-03-01 09:00Z' WHERE id = 3;

-- A thread moves under another comment, with all its replies.
UPDATE comments SET reply_to = 4 WHERE id = 2;

-- A comment goes, and everything below it.
DELETE FROM comments WHERE id = 3;
