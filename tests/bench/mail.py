"""The message of the benchmarks: an order confirmation, about 10 KB as it leaves, most of it from a list of items."""

ROW = ('<tr><td style="padding:8px;border-bottom:1px solid #ddd">{{NAME}}</td><td style="padding:8px;'
       'border-bottom:1px solid #ddd;text-align:right">{{COUNT}}</td><td style="padding:8px;'
       'border-bottom:1px solid #ddd;text-align:right">{{PRICE}} EUR</td></tr>\n')
HTML = ('<!doctype html><html><body style="font-family:sans-serif"><h1>Thank you, {{CUSTOMER}}</h1>\n'
        '<p>We received your order {{ORDER}} and will tell you when it leaves our house.</p>\n<table>\n'
        '{{#ITEMS}}' + ROW + '{{/ITEMS}}</table>\n<p>Total: <b>{{TOTAL}} EUR</b></p>\n'
        '<p><a href="{{{UNSUBSCRIBE_URL}}}">Unsubscribe</a></p></body></html>\n')
TYPES = {"CUSTOMER": "string", "ORDER": "string", "TOTAL": "string", "ITEMS": "list"}


def template():
    return {"name": "Order", "subject": "Your order {{ORDER}}", "html": HTML,
            "variables": [{"key": key, "type": kind} for key, kind in TYPES.items()]}


def request(template_id, topic_id, rows):
    """RECIPIENT is for the load generator to fill in."""
    items = [{"NAME": "Article number %d, a thing one likes to have" % row, "COUNT": "%d" % (row % 5 + 1),
              "PRICE": "%d.90" % (row * 3 + 7)} for row in range(rows)]
    return {"from": "Shop <orders@bench.example>", "to": "RECIPIENT", "topic_id": topic_id, "category": "receipt",
            "template": {"id": template_id,
                         "variables": {"CUSTOMER": "Ada Example", "ORDER": "2024-1017", "TOTAL": "949.50", "ITEMS": items}}}
