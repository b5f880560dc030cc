def post_init_hook(env):
    """Give every existing company the numbers of the department."""
    env["res.company"].search([])._aftersales_create_sequences()
