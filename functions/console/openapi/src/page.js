// The viewer asks nobody else whether the document is valid, and forgets a token with the page.
SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#interface',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
