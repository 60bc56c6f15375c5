// An OpenID Connect provider on a free port of 127.0.0.1, as the authorization server of the tests.
// Prints one line of JSON, {"issuer": "..."}, when it is ready. Ends when its input closes.
import http from 'node:http';

import Provider from 'oidc-provider';

const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      // As a platform announces it for people: public, on this machine, with every flow of a person.
      client_id: 'flightboard',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/complete/oidc/'],
      grant_types: [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      response_types: ['code'],
    },
    ...['client_secret_basic', 'client_secret_post'].map((method) => ({
      client_id: `machine ${method}`,
      client_secret: 'p+ss/w%rd:with colons',
      token_endpoint_auth_method: method,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    })),
    {
      // The platform itself: asks whether a token is good.
      client_id: 'platform',
      client_secret: 'platform-secret',
      redirect_uris: [],
      grant_types: [],
      response_types: [],
    },
  ],
  scopes: ['openid', 'all'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  // Whoever signs in is in a group of that name.
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `${id} of the crew`, preferred_username: id, groups: [`crew-${id}`] }),
  }),
  pkce: { required: () => true },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
  },
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: { AccessToken: 3600, ClientCredentials: 600, DeviceCode: 600, RefreshToken: 86400 },
});

server.on('request', provider.callback());
process.stdin.resume().on('end', () => process.exit(0));
console.log(JSON.stringify({ issuer }));
