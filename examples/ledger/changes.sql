-- A posting over three accounts: three balances change, in one transaction of MongoDB too.
BEGIN;
INSERT INTO postings VALUES (4, '2024-02-10', 'Split payment');
INSERT INTO entries VALUES (4, 1, '1000', 0.10), (4, 2, '1200', 0.20), (4, 3, '4000', -0.30);
COMMIT;

-- A correction: taken from one account, given to another.
UPDATE entries SET account = '1000' WHERE posting_id = 3 AND entry = 1;

-- Another month for a whole posting.
UPDATE postings SET posted_on = '2024-03-01', memo = 'Deferred' WHERE posting_id = 3;

-- An account gets another number: a new balance document, the old one goes.
UPDATE accounts SET account = '5100' WHERE account = '5000';

-- Half of a posting is removed: it no longer balances, and says so.
DELETE FROM entries WHERE posting_id = 1 AND entry = 2;

-- The last entry of an account goes: an empty group has no document.
DELETE FROM entries WHERE account = '1200';
