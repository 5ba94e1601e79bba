-- The write model of the example. `penstock setup --sql` runs it as the administrator; running it again changes nothing.

CREATE TABLE IF NOT EXISTS public.orders (
    order_id      serial PRIMARY KEY,
    customer_name varchar(100) NOT NULL,
    address       varchar(255),
    phone         varchar(10),
    order_date    timestamp DEFAULT now(),
    status        varchar(50) DEFAULT 'pending'
);

CREATE TABLE IF NOT EXISTS public.products (
    product_id     serial PRIMARY KEY,
    name           varchar(255) NOT NULL,
    description    text,
    price          numeric(10, 2) NOT NULL,
    stock_quantity int
);

-- The classic script has smallint keys here, which overflow at 32,767 orders.
CREATE TABLE IF NOT EXISTS public.order_details (
    order_detail_id serial PRIMARY KEY,
    order_id        integer REFERENCES public.orders (order_id) ON DELETE CASCADE,
    product_id      integer REFERENCES public.products (product_id),
    unit_price      real,
    quantity        smallint,
    discount        real
);
-- A foreign key has no index of its own: without these, cancelling an order would scan the whole table.
CREATE INDEX IF NOT EXISTS order_details_order_id ON public.order_details (order_id);
CREATE INDEX IF NOT EXISTS order_details_product_id ON public.order_details (product_id);

-- No key, and in no collection: it sits in the publication and must not disturb anything.
CREATE TABLE IF NOT EXISTS public.test (number smallint);

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'ecommerce_pub') THEN
        CREATE PUBLICATION ecommerce_pub
            FOR TABLE public.orders, public.products, public.order_details, public.test;
    END IF;

    -- First rows, for a database that never had any: the sequence tells, also after all rows were deleted.
    IF NOT (SELECT is_called FROM public.products_product_id_seq) THEN
        INSERT INTO public.products (name, description, price, stock_quantity) VALUES
            ('Cà phê Buôn Ma Thuột 500g', 'Cà phê rang xay nguyên chất, vị đậm', 145000.00, 320),
            ('Trà sen Tây Hồ 100g', 'Trà ướp hương sen, hộp quà tặng', 480000.00, 75),
            ('Nước mắm Phú Quốc 500ml', 'Độ đạm 40°N, ủ chượp truyền thống', 98500.00, 540),
            ('Bánh pía Sóc Trăng', 'Nhân đậu xanh sầu riêng, 4 cái một hộp', 65000.00, 210),
            ('Nón lá Huế', NULL, 120000.50, 60);

        INSERT INTO public.orders (customer_name, address, phone, order_date, status) VALUES
            ('Nguyễn Văn An', '12 Lý Thường Kiệt, Hoàn Kiếm, Hà Nội', '0912345678', '2024-03-01 08:15:00', 'delivered'),
            ('Trần Thị Bích Ngọc', '45 Nguyễn Huệ, Quận 1, TP. Hồ Chí Minh', '0987654321', '2024-03-02 10:42:31.5',
             'shipped'),
            ('Lê Hoàng Phúc', '7 Trần Phú, Hải Châu, Đà Nẵng', '0905112233', '2024-03-03 14:05:09.123456', 'processing'),
            ('Phạm Thùy Dương', '88 Lê Lợi, Phú Hội, Huế', NULL, '2024-03-04 19:30:00', 'pending'),
            ('Đỗ Đức Thắng', NULL, '0933999888', '2024-03-05 21:11:45', 'cancelled');

        INSERT INTO public.order_details (order_id, product_id, unit_price, quantity, discount) VALUES
            (1, 1, 145000, 2, 0),
            (1, 3, 98500, 1, 0.05),
            (2, 2, 480000, 1, 0.1),
            (3, 4, 65000, 3, 0),
            (3, 5, 120000.5, 1, 0),
            (4, 1, 145000, 1, 0.15),
            (5, 3, 98500, 4, 0);
    END IF;
END
$$;
