-- Invoices are numbered per company and year: keys of three columns, and of four below them.
CREATE TABLE companies (company char(2) PRIMARY KEY, name text NOT NULL, vat numeric(4, 2) NOT NULL);
CREATE TABLE invoices (
    company   char(2) NOT NULL REFERENCES companies,
    year      smallint NOT NULL,
    number    integer NOT NULL,
    issued_on date NOT NULL,
    due_days  integer NOT NULL DEFAULT 30,
    customer  text NOT NULL,
    cancels_year   smallint,
    cancels_number integer,
    PRIMARY KEY (company, year, number),
    -- The column `company` is part of two foreign keys.
    FOREIGN KEY (company, cancels_year, cancels_number) REFERENCES invoices
);
CREATE TABLE invoice_lines (
    number  integer NOT NULL,
    year    smallint NOT NULL,
    company char(2) NOT NULL,
    line    integer NOT NULL,
    text    text NOT NULL,
    net     numeric(12, 2) NOT NULL,
    PRIMARY KEY (company, year, number, line),
    FOREIGN KEY (company, year, number) REFERENCES invoices ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE payments (
    payment_id bigint PRIMARY KEY,
    company    char(2) NOT NULL,
    year       smallint NOT NULL,
    number     integer NOT NULL,
    amount     numeric(12, 2) NOT NULL,
    paid_on    date NOT NULL
);

INSERT INTO companies VALUES ('VN', 'Penstock Việt Nam', 0.08), ('DE', 'Penstock GmbH', 0.19);
INSERT INTO invoices VALUES
    ('VN', 2024, 1, '2024-01-15', 30, 'An'), ('VN', 2024, 2, '2024-02-01', 14, 'Bình'), ('DE', 2024, 1, '2024-01-20', 30, 'Anna');
INSERT INTO invoice_lines VALUES
    (1, 2024, 'VN', 1, 'Turbine', 1000.00), (1, 2024, 'VN', 2, 'Pipe', 99.99), (2, 2024, 'VN', 1, 'Valve', 10.05),
    (1, 2024, 'DE', 1, 'Rohr', 250.00);
INSERT INTO payments VALUES (1, 'VN', 2024, 1, 500.00, '2024-01-20'), (2, 'DE', 2024, 1, 297.50, '2024-02-01');
