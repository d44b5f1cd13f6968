use passki::PasskiError;

/// Why an answer is not taken. For the log: whoever sent it learns only that it was not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It does not read as WebAuthn has it.
    #[error("does not read: {0}")]
    Malformed(String),
    /// It is of the other ceremony, or of no ceremony.
    #[error("of another ceremony")]
    Type,
    /// It speaks of another challenge.
    #[error("of another challenge")]
    Challenge,
    /// It was made on a page of another origin.
    #[error("of another origin")]
    Origin,
    /// It was made in a frame of another origin's page.
    #[error("made in a frame")]
    Framed,
    /// It is for another relying party.
    #[error("for another relying party")]
    RelyingParty,
    /// It is of another passkey.
    #[error("of another passkey")]
    OtherCredential,
    /// Nobody was there.
    #[error("nobody was there")]
    UserNotPresent,
    /// Whoever was there was not asked who they are, and had to be.
    #[error("user not verified")]
    UserNotVerified,
    /// The signature is not of the key.
    #[error("signature not of the key")]
    Signature,
    /// Signed by the key, and yet counted no further than before: there may be two of this authenticator.
    #[error("sign counter not beyond {stored}")]
    Counter {
        /// What was counted before.
        stored: u32,
    },
    /// The passkey is backed up though it cannot be, or can be though it could not.
    #[error("backup flags contradict")]
    BackupFlags,
    /// The key is of an algorithm that was not offered, or none of its algorithm, or one that others could sign by.
    #[error("key not as offered")]
    Key,
    /// The statement about the authenticator, that nobody asked for, is wrong.
    #[error("attestation: {0}")]
    Attestation(String),
}

impl From<PasskiError> for Error {
    fn from(error: PasskiError) -> Self {
        use PasskiError as Library;
        match error {
            Library::ClientDataTypeMismatch { .. } | Library::InvalidClientDataType(_) => Self::Type,
            Library::ChallengeMismatch => Self::Challenge,
            Library::OriginMismatch { .. } => Self::Origin,
            Library::CrossOriginNotAllowed | Library::TopOriginMismatch { .. } => Self::Framed,
            Library::RpIdHashMismatch => Self::RelyingParty,
            Library::CredentialNotAllowed | Library::CredentialIdMismatch => Self::OtherCredential,
            Library::UserNotPresent => Self::UserNotPresent,
            Library::UserVerificationRequired => Self::UserNotVerified,
            Library::SignatureVerificationFailed => Self::Signature,
            Library::InvalidBackupFlags => Self::BackupFlags,
            Library::UnsupportedAlgorithm(_) => Self::Key,
            Library::UnsupportedAttestationFormat(_)
            | Library::MissingAttStmtField(_)
            | Library::InvalidAttestation(_)
            | Library::InvalidCertificate(_)
            | Library::InvalidCertificateChain(_) => Self::Attestation(error.to_string()),
            _ => Self::Malformed(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
