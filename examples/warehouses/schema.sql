CREATE TABLE warehouses (code text PRIMARY KEY, city text NOT NULL);
CREATE TABLE items (sku text PRIMARY KEY, name text NOT NULL, reorder_at integer NOT NULL DEFAULT 0);
CREATE TABLE stock (
    warehouse text REFERENCES warehouses ON UPDATE CASCADE,
    sku       text REFERENCES items,
    quantity  integer NOT NULL,
    reserved  integer NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, sku)
);
-- Goods on their way between two warehouses: two foreign keys to one table.
CREATE TABLE transfers (
    transfer_id integer PRIMARY KEY,
    source      text NOT NULL REFERENCES warehouses ON UPDATE CASCADE,
    target      text NOT NULL REFERENCES warehouses ON UPDATE CASCADE,
    sku         text NOT NULL REFERENCES items,
    quantity    integer NOT NULL
);

INSERT INTO warehouses VALUES ('HAN', 'Hà Nội'), ('SGN', 'Sài Gòn'), ('DAD', 'Đà Nẵng');
INSERT INTO items VALUES ('pipe.2m', 'Pipe 2 m', 10), ('valve', 'Valve', 5), ('pump', 'Pump', 1);
INSERT INTO stock VALUES ('HAN', 'pipe.2m', 40, 5), ('HAN', 'valve', 3, 0), ('SGN', 'pipe.2m', 7, 7), ('SGN', 'pump', 2, 0);
INSERT INTO transfers VALUES (1, 'HAN', 'SGN', 'valve', 2);
