-- Double entry: the entries of a posting add up to nothing.
CREATE TABLE accounts (account text PRIMARY KEY, title text NOT NULL, kind text NOT NULL);
CREATE TABLE postings (posting_id bigint PRIMARY KEY, posted_on date NOT NULL, memo text);
CREATE TABLE entries (
    posting_id bigint NOT NULL REFERENCES postings ON DELETE CASCADE,
    entry      integer NOT NULL,
    account    text NOT NULL REFERENCES accounts ON UPDATE CASCADE,
    amount     numeric(18, 2) NOT NULL,          -- positive: debit
    PRIMARY KEY (posting_id, entry)
);

INSERT INTO accounts VALUES
    ('1000', 'Cash', 'asset'), ('1200', 'Receivables', 'asset'), ('4000', 'Sales', 'income'), ('5000', 'Rent', 'expense');
INSERT INTO postings VALUES (1, '2024-01-02', 'First sale'), (2, '2024-01-05', 'Rent'), (3, '2024-02-01', NULL);
INSERT INTO entries VALUES
    (1, 1, '1000', 1500.00), (1, 2, '4000', -1500.00), (2, 1, '5000', 400.10), (2, 2, '1000', -400.10),
    (3, 1, '1200', 99999999.99), (3, 2, '4000', -99999999.99);
