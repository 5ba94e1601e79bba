"""The read models of examples/ecommerce/pipeline.yaml, for pipeline files of tests."""

MODELS = {
    "order_documents": {
        "from": "public.orders",
        "fields": {"*": True, "placed_on": "to_char(order_date, 'YYYY-MM-DD')", "line_count": "count(lines)",
                   "total": "sum(lines.quantity * lines.unit_price * (1 - lines.discount))::numeric(12,2)"},
        "embed": {"lines": {
            "many": "public.order_details", "using": "order_id", "order_by": "order_detail_id",
            "fields": ["order_detail_id", "quantity", "unit_price", "discount"],
            "embed": {"product": {"one": "public.products", "using": "product_id", "fields": ["product_id", "name", "price"]}}}},
        "indexes": [{"keys": {"lines.product.product_id": 1}}]},
    "product_sales": {
        "from": "public.order_details", "group_by": "product_id",
        "fields": {"product": "min(product.name)", "orders": "count(distinct order_id)", "sold": "sum(quantity)",
                   "revenue": "sum(quantity * unit_price * (1 - discount))::numeric(14,2)"},
        "embed": {"product": {"one": "public.products", "using": "product_id"}}},
}
