CREATE TABLE authors (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (
    id        integer PRIMARY KEY,
    author_id integer NOT NULL REFERENCES authors,
    slug      text NOT NULL,
    title     text NOT NULL,
    body      text NOT NULL,
    published timestamptz
);
CREATE TABLE tags (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE post_tags (
    post_id integer REFERENCES posts ON DELETE CASCADE,
    tag_id  integer REFERENCES tags ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE comments (
    id       integer PRIMARY KEY,
    post_id  integer NOT NULL REFERENCES posts ON DELETE CASCADE,
    reply_to integer REFERENCES comments ON DELETE CASCADE,
    author   text NOT NULL,
    body     text NOT NULL
);

INSERT INTO authors VALUES (1, 'Mai'), (2, 'Quang');
INSERT INTO posts VALUES
    (1, 1, 'cdc-in-one-process', 'CDC in one process', repeat('A long text. ', 400), '2024-01-10 09:00Z'),
    (2, 2, 'documents', 'Documents for readers', 'Short.', '2024-02-01 09:00Z'),
    (3, 1, 'draft', 'Not yet', '', NULL);
INSERT INTO tags VALUES (1, 'postgresql'), (2, 'mongodb'), (3, 'cdc');
INSERT INTO post_tags VALUES (1, 1), (1, 3), (2, 2), (3, 1);
INSERT INTO comments VALUES
    (1, 1, NULL, 'Ân', 'Nice.'), (2, 1, 1, 'Mai', 'Thanks!'), (3, 1, 2, 'Ân', 'More?'), (4, 1, NULL, 'Ba', 'Why?'),
    (5, 2, NULL, 'Ân', 'Short indeed.');
